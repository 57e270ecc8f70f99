// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IOpenToken} from "../token/IOpenToken.sol";
import {IWrappedOpen} from "../token/IWrappedOpen.sol";
import {Authorizing} from "./support/Authorizing.sol";

/// Withdraws again from within the payment.
contract GreedyAccount {
    IWrappedOpen internal immutable WRAPPED;
    uint256 internal againWei;
    bytes public reason;

    constructor(IWrappedOpen wrapped) {
        WRAPPED = wrapped;
    }

    receive() external payable {
        if (againWei == 0) return;
        uint256 wei_ = againWei;
        againWei = 0;
        try WRAPPED.withdraw(wei_) {} catch (bytes memory why) {
            reason = why;
        }
    }

    function withdrawTwice(uint256 amountWei, uint256 againWei_) external payable {
        WRAPPED.deposit{value: msg.value}();
        againWei = againWei_;
        WRAPPED.withdraw(amountWei);
    }
}

contract WrappedOpenTest is Authorizing {
    IWrappedOpen internal wrapped;
    IOpenToken internal token;
    bool internal closed;

    receive() external payable {
        require(!closed, "closed");
    }

    function setUp() public {
        vm.warp(1_000_000);
        wrapped = IWrappedOpen(deployed("WrappedOpen", ""));
        token = IOpenToken(address(wrapped));
        require(address(this).balance >= 1000, "the runner gives a test money");
    }

    function test_ItIsNamedAndCountsLikeOPEN() public view {
        equal(keccak256(bytes(IERC20Metadata(address(wrapped)).name())), keccak256("Wrapped OPEN"), "name");
        equal(keccak256(bytes(IERC20Metadata(address(wrapped)).symbol())), keccak256("WOPEN"), "symbol");
        equal(IERC20Metadata(address(wrapped)).decimals(), 18, "decimals");
        equal(token.DOMAIN_SEPARATOR(), domainOf(address(token), "Wrapped OPEN"), "domain");
    }

    function test_DepositsMintAndWithdrawalsPayOneForOne() public {
        vm.expectEmit(address(wrapped));
        emit IWrappedOpen.Deposit(address(this), 100);
        wrapped.deposit{value: 100}();
        vm.expectEmit(address(wrapped));
        emit IWrappedOpen.Deposit(address(this), 11);
        (bool taken, ) = address(wrapped).call{value: 11}("");
        require(taken, "plain payment");
        equal(token.balanceOf(address(this)), 111, "minted");
        equal(address(wrapped).balance, 111, "held");
        uint256 beforeWei = address(this).balance;
        vm.expectEmit(address(wrapped));
        emit IWrappedOpen.Withdrawal(address(this), 40);
        wrapped.withdraw(40);
        equal(address(this).balance, beforeWei + 40, "paid");
        equal(token.balanceOf(address(this)), 71, "left");
        equal(token.totalSupply(), 71, "supply");
        equal(address(wrapped).balance, 71, "held after");
    }

    function test_NobodyWithdrawsMoreThanItHas() public {
        wrapped.deposit{value: 100}();
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(this), 100, 101)
        );
        wrapped.withdraw(101);
        vm.prank(address(1));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(1), 0, 1));
        wrapped.withdraw(1);
    }

    function test_APaymentThatIsNotTakenBurnsNothing() public {
        wrapped.deposit{value: 100}();
        closed = true;
        vm.expectRevert(abi.encodeWithSelector(IWrappedOpen.WrappedOpenNotTaken.selector, address(this), 60));
        wrapped.withdraw(60);
        equal(token.balanceOf(address(this)), 100, "tokens");
        equal(address(wrapped).balance, 100, "held");
    }

    function test_WithdrawingFromWithinAWithdrawalGainsNothing() public {
        wrapped.deposit{value: 1000}(); // somebody else's
        GreedyAccount greedy = new GreedyAccount(wrapped);
        greedy.withdrawTwice{value: 100}(100, 100);
        equal(address(greedy).balance, 100, "its own");
        equal(
            keccak256(greedy.reason()),
            keccak256(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(greedy), 0, 100)),
            "reason"
        );
        greedy = new GreedyAccount(wrapped);
        greedy.withdrawTwice{value: 100}(70, 30);
        equal(address(greedy).balance, 100, "both parts of its own");
        equal(token.balanceOf(address(greedy)), 0, "tokens");
        equal(address(wrapped).balance, 1000, "the others'");
        equal(token.totalSupply(), 1000, "supply");
    }

    function test_CallsThatItDoesNotKnowAreRefused() public {
        (bool taken, ) = address(wrapped).call{value: 1}("unknown");
        require(!taken, "an unknown call was taken");
    }

    function test_ItTakesAuthorisationsUnderItsOwnName() public {
        address payer = vm.addr(7);
        wrapped.deposit{value: 100}();
        token.transfer(payer, 100);
        Authorization memory a = Authorization(payer, address(5), 60, 0, block.timestamp + 1, "nonce");
        bytes memory signature = signed(7, domainOf(address(token), "OpenLedger"), useOf(1, a));
        vm.expectRevert(abi.encodeWithSelector(IOpenToken.OpenAuthorizationUnsigned.selector, payer));
        carryOut(token, 1, a, signature);
        carryOut(token, 1, a, signed(7, domainOf(address(token), "Wrapped OPEN"), useOf(1, a)));
        equal(token.balanceOf(address(5)), 60, "payee");
    }
}
