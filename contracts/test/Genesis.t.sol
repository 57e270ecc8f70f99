// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GenesisAllocation} from "../token/GenesisAllocation.sol";
import {IGenesis} from "../token/IGenesis.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {OpenVesting} from "../token/OpenVesting.sol";
import {Cheats} from "./support/Cheats.sol";

contract GenesisTest is Cheats {
    GenesisAllocation.Part internal constant COMMUNITY = GenesisAllocation.Part.Community;
    GenesisAllocation.Part internal constant ECOSYSTEM = GenesisAllocation.Part.Ecosystem;
    GenesisAllocation.Part internal constant INVESTORS = GenesisAllocation.Part.Investors;
    GenesisAllocation.Part internal constant TEAM = GenesisAllocation.Part.Team;
    GenesisAllocation.Part internal constant LIQUIDITY = GenesisAllocation.Part.Liquidity;
    uint256 internal constant YEAR = 31_556_952; // of 365.2425 days
    uint256 internal constant START = 1_800_000_000;
    address internal constant STRANGER = address(0x57);
    IGenesis internal genesis;
    OpenToken internal token;
    IGenesis.Holders internal holders = IGenesis.Holders(
        address(0xC0),
        address(0xC1),
        address(0xEC),
        address(0x14),
        address(0x7E),
        address(0x11)
    );

    function setUp() public {
        vm.warp(START);
        genesis = IGenesis(deployed("Genesis", abi.encode(address(this))));
        token = genesis.TOKEN();
        vm.warp(START + 1000); // distribution is later and changes no time
    }

    function walletOf(GenesisAllocation.Part part) internal view returns (OpenVesting) {
        return genesis.walletOf(part);
    }

    function heldBy(GenesisAllocation.Part part) internal view returns (uint256) {
        return token.balanceOf(address(walletOf(part)));
    }

    function test_TheTableSumsToTheWholeAndToWhatIsLiquid() public pure {
        uint256 sharesPpm;
        uint256 atOncePpm;
        for (uint256 i; i <= uint256(LIQUIDITY); ++i) {
            GenesisAllocation.Terms memory terms = GenesisAllocation.termsOf(GenesisAllocation.Part(i));
            sharesPpm += terms.sharePpm;
            atOncePpm += terms.atOncePpm;
            equal(terms.cliffSeconds + terms.linearSeconds, i == uint256(LIQUIDITY) ? 0 : 4 * YEAR, "four years");
        }
        equal(sharesPpm, 1_000_000, "shares");
        equal(atOncePpm, 215_500, "at once");
    }

    function test_TheSupplyLiesHereUntilItIsDistributed() public view {
        equal(token.balanceOf(address(genesis)), 1e27, "held");
        equal(token.totalSupply(), 1e27, "supply");
        equal(genesis.FOUNDER(), address(this), "founder");
        require(!genesis.isDone(), "done");
        for (uint256 i; i < uint256(LIQUIDITY); ++i) {
            equal(walletOf(GenesisAllocation.Part(i)).owner(), address(genesis), "owner");
        }
        equal(address(walletOf(LIQUIDITY)), address(0), "liquidity has no wallet");
    }

    function test_EveryPartGoesWhereItBelongsToTheWeiAndNothingIsKept() public {
        genesis.distribute(holders);
        require(genesis.isDone(), "done");
        equal(token.balanceOf(holders.communityAtOnce), 165_500_000e18, "community at once");
        equal(heldBy(COMMUNITY), 351_600_000e18, "community");
        equal(heldBy(ECOSYSTEM), 100_000_000e18, "ecosystem");
        equal(heldBy(INVESTORS), 182_900_000e18, "investors");
        equal(heldBy(TEAM), 150_000_000e18, "team");
        equal(token.balanceOf(holders.liquidity), 50_000_000e18, "liquidity");
        equal(token.balanceOf(address(genesis)), 0, "kept");
        equal(walletOf(COMMUNITY).owner(), holders.community, "community's owner");
        equal(walletOf(ECOSYSTEM).owner(), holders.ecosystem, "ecosystem's owner");
        equal(walletOf(INVESTORS).owner(), holders.investors, "investors' owner");
        equal(walletOf(TEAM).owner(), holders.team, "team's owner");
    }

    function test_EveryPartIsTold() public {
        allocated(COMMUNITY, holders.communityAtOnce, holders.community, 165_500_000e18, 351_600_000e18);
        allocated(ECOSYSTEM, holders.ecosystem, holders.ecosystem, 0, 100_000_000e18);
        allocated(INVESTORS, holders.investors, holders.investors, 0, 182_900_000e18);
        allocated(TEAM, holders.team, holders.team, 0, 150_000_000e18);
        allocated(LIQUIDITY, holders.liquidity, holders.liquidity, 50_000_000e18, 0);
        genesis.distribute(holders);
    }

    function allocated(
        GenesisAllocation.Part part,
        address holder,
        address owner,
        uint256 atOnceWei,
        uint256 vestingWei
    ) internal {
        address wallet = address(walletOf(part));
        vm.expectEmit(address(genesis));
        emit IGenesis.Allocated(part, holder, owner, wallet, atOnceWei, vestingWei);
    }

    function test_OnlyTheFounderDistributesAndOnce() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IGenesis.GenesisNotFounder.selector, STRANGER));
        genesis.distribute(holders);
        genesis.distribute(holders);
        vm.expectRevert(IGenesis.GenesisDone.selector);
        genesis.distribute(holders);
        vm.prank(holders.liquidity);
        token.transfer(address(genesis), 50_000_000e18);
        vm.expectRevert(IGenesis.GenesisDone.selector);
        genesis.distribute(holders);
    }

    function test_AGenesisWithoutAFounderIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IGenesis.GenesisNotFounder.selector, address(0)));
        this.deploy(address(0));
    }

    /// A call of its own, for the runner expects the next call to be the one that reverts.
    function deploy(address founder) external {
        deployed("Genesis", abi.encode(founder));
    }

    function test_APartWithoutAHolderIsRefused() public {
        IGenesis.Holders memory given = holders;
        given.community = address(0);
        missing(given, COMMUNITY);
        given = holders;
        given.communityAtOnce = address(0);
        missing(given, COMMUNITY);
        given = holders;
        given.ecosystem = address(0);
        missing(given, ECOSYSTEM);
        given = holders;
        given.investors = address(0);
        missing(given, INVESTORS);
        given = holders;
        given.team = address(0);
        missing(given, TEAM);
        given = holders;
        given.liquidity = address(0);
        missing(given, LIQUIDITY);
        require(!genesis.isDone(), "not done by failing");
    }

    function missing(IGenesis.Holders memory given, GenesisAllocation.Part part) internal {
        vm.expectRevert(abi.encodeWithSelector(IGenesis.GenesisHolderMissing.selector, part));
        genesis.distribute(given);
    }

    function test_WalletsStartAtTheGenesisOrAYearLaterAndEndAfterFour() public view {
        equal(walletOf(COMMUNITY).start(), START, "community");
        equal(walletOf(ECOSYSTEM).start(), START, "ecosystem");
        equal(walletOf(INVESTORS).start(), START + YEAR, "investors");
        equal(walletOf(TEAM).start(), START + YEAR, "team");
        for (uint256 i; i < uint256(LIQUIDITY); ++i) {
            equal(walletOf(GenesisAllocation.Part(i)).end(), START + 4 * YEAR, "end");
        }
    }

    function test_BeforeTheCliffThereIsNothingThenItIsLinearThenAll() public {
        genesis.distribute(holders);
        OpenVesting team = walletOf(TEAM);
        vm.warp(START + YEAR);
        equal(team.releasable(address(token)), 0, "at the cliff");
        team.release(address(token));
        equal(token.balanceOf(holders.team), 0, "released at the cliff");
        vm.warp(START + YEAR + 1);
        equal(team.releasable(address(token)), uint256(150_000_000e18) / (3 * YEAR), "a second later");
        vm.warp(START + 2 * YEAR);
        vm.prank(STRANGER);
        team.release(address(token));
        equal(token.balanceOf(holders.team), 50_000_000e18, "a third");
        equal(team.released(address(token)), 50_000_000e18, "released");
        vm.warp(START + 4 * YEAR - 1);
        team.release(address(token));
        require(token.balanceOf(holders.team) < 150_000_000e18, "all too early");
        vm.warp(START + 4 * YEAR);
        team.release(address(token));
        equal(token.balanceOf(holders.team), 150_000_000e18, "all");
        equal(heldBy(TEAM), 0, "nothing stays");
    }

    function test_TheEcosystemVestsFromTheFirstSecond() public {
        genesis.distribute(holders);
        vm.warp(START + YEAR);
        walletOf(ECOSYSTEM).release(address(token));
        equal(token.balanceOf(holders.ecosystem), 25_000_000e18, "a quarter");
    }

    function test_AWalletCanBeHandedOnButNotLeftWithoutAnOwner() public {
        genesis.distribute(holders);
        OpenVesting team = walletOf(TEAM);
        vm.prank(holders.team);
        vm.expectRevert(OpenVesting.VestingNeedsOwner.selector);
        team.renounceOwnership();
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", STRANGER));
        team.transferOwnership(STRANGER);
        vm.prank(holders.team);
        team.transferOwnership(address(0x99));
        vm.warp(START + 4 * YEAR);
        team.release(address(token));
        equal(token.balanceOf(address(0x99)), 150_000_000e18, "the next owner");
    }

    function testFuzz_NoWalletReleasesMoreThanIsVested(uint256 first, uint256 second, uint256 index) public {
        genesis.distribute(holders);
        GenesisAllocation.Part part = GenesisAllocation.Part(bound(index, 0, 3));
        GenesisAllocation.Terms memory terms = GenesisAllocation.termsOf(part);
        OpenVesting wallet = walletOf(part);
        uint256 totalWei = heldBy(part);
        first = bound(first, START, START + 5 * YEAR);
        second = bound(second, first, START + 5 * YEAR);
        vm.warp(first);
        wallet.release(address(token));
        vm.warp(second);
        wallet.release(address(token));
        uint256 startTime = START + terms.cliffSeconds;
        uint256 passed = second <= startTime ? 0 : second - startTime;
        if (passed > terms.linearSeconds) passed = terms.linearSeconds;
        equal(token.balanceOf(wallet.owner()), (totalWei * passed) / terms.linearSeconds, "released");
    }
}
