// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Authorizations} from "./Authorizations.sol";
import {IWrappedOpen} from "./IWrappedOpen.sol";

/// @title WOPEN
/// @notice See IWrappedOpen.
contract WrappedOpen is Authorizations, IWrappedOpen {
    constructor() ERC20("Wrapped OPEN", "WOPEN") ERC20Permit("Wrapped OPEN") {}

    receive() external payable {
        deposit();
    }

    /// @inheritdoc IWrappedOpen
    function withdraw(uint256 amountWei) external {
        _burn(msg.sender, amountWei); // before the payment, so that a caller who calls back has nothing left to burn
        emit Withdrawal(msg.sender, amountWei);
        (bool taken, ) = msg.sender.call{value: amountWei}("");
        require(taken, WrappedOpenNotTaken(msg.sender, amountWei));
    }

    /// @inheritdoc IWrappedOpen
    function deposit() public payable {
        _mint(msg.sender, msg.value);
        emit Deposit(msg.sender, msg.value);
    }
}
